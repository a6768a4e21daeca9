"""Makes the goldens of boxes with crowds, given areas and sizes from pycocotools.

    python3 -m venv venv && venv/bin/pip install numpy pycocotools
    venv/bin/python test/golden/statistics/make_boxes.py
"""
import contextlib, io, json, pathlib
import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(31)
f = float


def seven_in_twenty():
    """A recall of exactly 0.35, which lies beside a recall point."""
    return judge(20, 1, [dict(image=i, category=0, box=[10 * i, 10, 8, 8], area=64, crowd=False) for i in range(20)],
                 [dict(image=i, category=0, box=[10 * i, 10, 8, 8], score=round(0.9 - i / 100, 2)) for i in range(7)])


def scene(images, k, per_image):
    gts, dts = [], []
    for i in range(images):
        for _ in range(int(rng.integers(0, per_image))):
            size = float(rng.choice([14, 40, 70, 120, 200]))
            x, y = (rng.random(2) * 300).tolist()
            w, h = (size * (0.6 + rng.random(2))).tolist()
            c, crowd = int(rng.integers(0, k)), bool(rng.random() < 0.15)
            if crowd: w, h = w * 2, h * 2
            box = [round(z, 2) for z in (x, y, w, h)]
            # Areas of outlines are smaller than those of their boxes.
            gts.append(dict(image=i, category=c, box=box, area=round(box[2] * box[3] * (0.5 + 0.5 * rng.random()), 3), crowd=crowd))
            for _ in range(int(rng.integers(0, 4)) if crowd else int(rng.random() < 0.85)):
                j = rng.normal(0, size / 15, 4)
                part = 0.5 if crowd else 1
                b = [x + j[0], y + j[1], max(2, w * part + j[2]), max(2, h * part + j[3])]
                dts.append(dict(image=i, category=c, box=[round(f(z), 2) for z in b], score=round(f(rng.random() * 0.6 + 0.4), 2)))
        for _ in range(int(rng.integers(0, 3))):
            b = (rng.random(4) * [300, 300, 90, 90] + [0, 0, 3, 3]).tolist()
            dts.append(dict(image=i, category=int(rng.integers(0, k)), box=[round(z, 2) for z in b], score=round(f(rng.random() * 0.7), 2)))
    return judge(images, k, gts, dts)


def judge(images, k, gts, dts):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = dict(images=[dict(id=i + 1) for i in range(images)], categories=[dict(id=c + 1) for c in range(k)],
                            annotations=[dict(id=n + 1, image_id=g['image'] + 1, category_id=g['category'] + 1, bbox=g['box'], area=g['area'], iscrowd=int(g['crowd'])) for n, g in enumerate(gts)])
        coco.createIndex()
        e = COCOeval(coco, coco.loadRes([dict(image_id=d['image'] + 1, category_id=d['category'] + 1, bbox=d['box'], score=d['score']) for d in dts]), 'bbox')
        e.evaluate(); e.accumulate(); e.summarize()
    precision = e.eval['precision'][:, :, :, 0, 2]
    known = lambda value: None if value < 0 else f(value)
    return dict(truths=gts, found=dts, map=known(e.stats[0]), map50=known(e.stats[1]), small=known(e.stats[3]), medium=known(e.stats[4]), large=known(e.stats[5]),
                classes=[None if (precision[:, :, c] < 0).all() else dict(ap=f(precision[:, :, c].mean()), ap50=f(precision[0, :, c].mean())) for c in range(k)])


(here / 'boxes.json').write_text(json.dumps([scene(8, 2, 6), scene(25, 4, 7), scene(12, 3, 3), scene(40, 1, 4), seven_in_twenty()]))
