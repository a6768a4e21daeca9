"""Makes the goldens of core/statistics, core/preprocess and core/datasets from scipy, scikit-learn and Pillow.

    python3 -m venv venv && venv/bin/pip install numpy scipy scikit-learn pillow
    venv/bin/python test/golden/statistics/make.py
"""
import base64, io, json, pathlib
import numpy as np, scipy, sklearn, PIL
from PIL import Image
from scipy import special, stats
from sklearn import metrics

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(11)
f = float


def special_cases():
    beta = [[x, a, b, f(special.betainc(a, b, x))] for x, a, b in [(0.5, 1, 1), (0.01, 0.5, 3), (0.97, 30, 2), (0.003, 1, 600), (0.4, 400, 600), (0.995, 1490, 11), (1e-6, 0.1, 0.2), (0.5, 20000, 20100)]]
    betaq = [[p, a, b, f(stats.beta.ppf(p, a, b))] for p, a, b in [(0.025, 1, 10), (0.975, 3, 1498), (0.95, 1, 598), (0.5, 0.5, 0.5), (0.05, 1485, 16), (0.999, 200, 3)]]
    gamma = [[x, a, f(special.gammainc(a, x))] for x, a in [(0.1, 0.5), (3, 2), (50, 60), (1e-3, 3), (200, 150)]]
    gammaq = [[p, a, f(stats.gamma.ppf(p, a))] for p, a in [(0.025, 0.5), (0.975, 5), (0.5, 100), (0.001, 3)]]
    normal = [[x, f(stats.norm.cdf(x))] for x in [-8, -3.5, -1.96, -1e-3, 0, 0.3, 1.6448536269514722, 5]]
    normalq = [[p, f(stats.norm.ppf(p))] for p in [1e-12, 0.001, 0.025, 0.3, 0.5, 0.9, 0.975, 0.9999]]
    lgamma = [[x, f(special.gammaln(x))] for x in [0.1, 0.5, 1, 1.5, 2, 3.7, 12, 100.5, 1e5]]
    binom = [[k, n, p, f(stats.binom.cdf(k, n, p))] for k, n, p in [(0, 598, 0.005), (3, 20, 0.2), (10, 10, 0.3), (49, 100, 0.5), (2, 2000, 0.004)]]
    return dict(beta=beta, betaQuantile=betaq, gamma=gamma, gammaQuantile=gammaq, normal=normal, normalQuantile=normalq, logGamma=lgamma, binomial=binom)


def intervals():
    rows = []
    for k, n, c in [(0, 10, 0.95), (10, 10, 0.95), (1485, 1500, 0.95), (1, 3, 0.9), (50, 100, 0.99), (0, 598, 0.95), (7, 12000, 0.95)]:
        test = stats.binomtest(k, n)
        w, e = test.proportion_ci(c, 'wilson'), test.proportion_ci(c, 'exact')
        upper = stats.binomtest(k, n, alternative='less').proportion_ci(c, 'exact').high
        rows.append(dict(k=k, n=n, confidence=c, wilson=[f(w.low), f(w.high)], exact=[f(e.low), f(e.high)], upper=f(upper)))
    return rows


def mcnemar():
    return [[b, c, f(min(1, stats.binomtest(b, b + c, 0.5).pvalue)) if b + c else 1.0] for b, c in [(0, 0), (5, 1), (10, 10), (3, 17), (0, 9), (120, 80)]]


def classification():
    out = []
    for k, n in [(2, 50), (3, 200), (10, 500)]:
        labels = [f'c{i}' for i in range(k)]
        y = rng.integers(0, k, n)
        p = np.where(rng.random(n) < 0.8, y, rng.integers(0, max(1, k - 1), n))
        actual, predicted = [labels[i] for i in y], [labels[i] for i in p]
        pr, rc, f1, sup = metrics.precision_recall_fscore_support(actual, predicted, labels=labels, zero_division=0)
        out.append(dict(labels=labels, actual=y.tolist(), predicted=p.tolist(), confusion=metrics.confusion_matrix(actual, predicted, labels=labels).tolist(),
                        precision=pr.tolist(), recall=rc.tolist(), f1=f1.tolist(), support=sup.tolist(), macroF1=f(f1.mean()),
                        kappa=f(metrics.cohen_kappa_score(actual, predicted))))
    return out


def roc():
    out = []
    for n, ties in [(40, False), (300, True)]:
        y = rng.random(n) < 0.4
        s = np.clip(y * 0.3 + rng.random(n), 0, 2)
        s = np.round(s, 1) if ties else np.round(s, 6)
        out.append(dict(scores=s.tolist(), positive=y.tolist(), auc=f(metrics.roc_auc_score(y, s))))
    return out


def regression():
    y = rng.normal(1000, 3, 200)
    p = y + rng.normal(0, 1, 200)
    return dict(actual=y.tolist(), predicted=p.tolist(), mae=f(metrics.mean_absolute_error(y, p)), rmse=f(np.sqrt(metrics.mean_squared_error(y, p))), r2=f(metrics.r2_score(y, p)))


def bootstrap():
    x = np.round(rng.lognormal(0, 0.7, 80), 6)
    r = stats.bootstrap((x,), np.mean, confidence_level=0.95, n_resamples=200000, method='BCa', rng=np.random.default_rng(1))
    return dict(x=x.tolist(), low=f(r.confidence_interval.low), high=f(r.confidence_interval.high), standardError=f(r.standard_error))


def planner():
    def needed(rate, confidence, failures):
        n = failures + 1
        while stats.binom.cdf(failures, n, rate) > 1 - confidence:
            n += 1
        return n
    return [[r, c, k, needed(r, c, k)] for r, c, k in [(0.005, 0.95, 0), (0.01, 0.95, 1), (0.001, 0.99, 0), (0.05, 0.9, 3), (0.3, 0.95, 0)]]


def picture(width, height, mode):
    # bands, an edge and noise: what resizing gets wrong
    y, x = np.mgrid[0:height, 0:width]
    base = np.stack([(x * 7 + y * 3) % 256, np.where(x > width // 2, 250, 5), rng.integers(0, 256, (height, width))], -1).astype(np.uint8)
    image = Image.fromarray(base, 'RGB') if mode == 'RGB' else Image.fromarray(base[..., 2], 'L')
    return image


def resize():
    out = []
    for (w, h), (tw, th), mode in [((37, 23), (16, 16), 'L'), ((20, 30), (45, 51), 'RGB'), ((64, 9), (32, 9), 'RGB'), ((28, 28), (28, 14), 'L'), ((101, 77), (13, 60), 'RGB'), ((5, 5), (1, 1), 'L')]:
        image = picture(w, h, mode)
        case = dict(width=w, height=h, channels=len(image.getbands()), data=base64.b64encode(image.tobytes()).decode(), toWidth=tw, toHeight=th)
        for name, f_ in [('bilinear', Image.Resampling.BILINEAR), ('bicubic', Image.Resampling.BICUBIC), ('nearest', Image.Resampling.NEAREST)]:
            case[name] = base64.b64encode(image.resize((tw, th), f_).tobytes()).decode()
        case['gray'] = base64.b64encode(image.convert('L').tobytes()).decode()
        out.append(case)
    return out


def bitmaps():
    out = []
    for mode in ['1', 'L', 'P', 'RGB', 'RGBA']:
        image = picture(13, 7, 'RGB').convert(mode)
        buffer = io.BytesIO()
        image.save(buffer, 'BMP')
        shown = image.convert('L') if mode in ('1', 'L') else image.convert('RGB')
        out.append(dict(mode=mode, file=base64.b64encode(buffer.getvalue()).decode(), width=13, height=7, channels=len(shown.getbands()), data=base64.b64encode(shown.tobytes()).decode()))
    return out


made_with = dict(numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__, pillow=PIL.__version__)
(here / 'statistics.json').write_text(json.dumps(dict(madeWith=made_with, special=special_cases(), intervals=intervals(), mcnemar=mcnemar(), classification=classification(), roc=roc(), regression=regression(), bootstrap=bootstrap(), planner=planner())))
(here / 'images.json').write_text(json.dumps(dict(madeWith=made_with, resize=resize(), bitmaps=bitmaps())))
