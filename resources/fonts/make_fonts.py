# Makes the static, subset TTF files that reports embed, from the variable fonts Inter and JetBrains Mono (both SIL Open Font License 1.1).
# Usage: python -m venv .cache/fonts && .cache/fonts/bin/pip install fonttools==4.68.0 fontpkg-inter==4.1.post1 fontpkg-jetbrains-mono==2.211
#        .cache/fonts/bin/python resources/fonts/make_fonts.py
import importlib.resources as packages
import pathlib
from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = pathlib.Path(__file__).parent
# Latin with extensions, Greek, Cyrillic, punctuation, currency, arrows, mathematics, box and geometric signs used in tables.
RANGES = [(0x20, 0x7E), (0xA0, 0x24F), (0x2B0, 0x2FF), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F), (0x1E00, 0x1EFF),
          (0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x209C), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2150, 0x218F), (0x2190, 0x21FF), (0x2200, 0x22FF),
          (0x2400, 0x2426), (0x25A0, 0x25FF), (0x2713, 0x2718), (0xFFFD, 0xFFFD), (0x27E8, 0x27E9)]
UNICODES = [code for low, high in RANGES for code in range(low, high + 1)]
FONTS = [("fontpkg_inter", "Inter[opsz,wght].ttf", {"opsz": 14, "wght": 400}, "Inter-Regular.ttf"),
         ("fontpkg_inter", "Inter[opsz,wght].ttf", {"opsz": 14, "wght": 650}, "Inter-SemiBold.ttf"),
         ("fontpkg_jetbrains_mono", "JetBrainsMono[wght].ttf", {"wght": 400}, "JetBrainsMono-Regular.ttf")]

for package, name, axes, out in FONTS:
    font = TTFont(packages.files(package) / "files" / name, recalcTimestamp=False)
    font = instancer.instantiateVariableFont(font, axes, inplace=False)
    options = subset.Options()
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum"]
    options.hinting = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    tool = subset.Subsetter(options)
    tool.populate(unicodes=UNICODES)
    tool.subset(font)
    full = out.removesuffix(".ttf")  # a PDF names its fonts by this: the instances must differ
    for record in font["name"].names:
        if record.nameID == 6:
            record.string = full
        elif record.nameID == 4:
            record.string = full.replace("-", " ")
    font.save(HERE / out)
    print(out, (HERE / out).stat().st_size, "bytes,", len(font.getBestCmap()), "characters")
