"""Makes the goldens of the bootstrap intervals over images: bounds from scipy, and figures of given draws from pycocotools and numpy.

    python3 -m venv venv && venv/bin/pip install numpy scipy scikit-learn pycocotools
    venv/bin/python test/golden/statistics/make_intervals.py
"""
import contextlib, io, json, pathlib
import numpy as np, scipy, sklearn
from scipy import stats
from sklearn import metrics
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from overlap import per_region_overlap

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(41)
f = float


def bounds(n, statistic, method='BCa', resamples=40_000):
    """scipy draws places of images, and the statistic sees which images were drawn."""
    r = stats.bootstrap((np.arange(n),), statistic, vectorized=False, n_resamples=resamples, method=method, random_state=np.random.default_rng(5))
    return dict(low=f(r.confidence_interval.low), high=f(r.confidence_interval.high), standardError=f(r.standard_error))


def auroc(score, truth):
    """Mann and Whitney: equal to the area under the curve, ties counted half."""
    ranks = stats.rankdata(score)
    p = truth.sum()
    return (ranks[truth].sum() - p * (p + 1) / 2) / (p * (len(truth) - p)) if 0 < p < len(truth) else np.nan


def anomaly():
    out = []
    for n, digits in [(90, 6), (150, 1)]:
        y = rng.random(n) < 0.3
        s = np.round(y * 0.4 + rng.random(n), digits)
        assert abs(auroc(s, y) - metrics.roc_auc_score(y, s)) < 1e-12
        out.append(dict(scores=s.tolist(), anomalous=y.tolist(), auroc=bounds(n, lambda i: auroc(s[i], y[i])), averagePrecision=bounds(n, lambda i: metrics.average_precision_score(y[i], s[i]), resamples=10_000)))
    # One anomaly alone: without it there is no figure, so no jackknife, and draws that lack it do not count.
    s, y = np.round(rng.random(14), 3), np.arange(14) == 9
    values = np.array([auroc(s[i], y[i]) for i in rng.integers(0, 14, (100_000, 14))])
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return dict(images=out, alone=dict(scores=s.tolist(), anomalous=y.tolist(), low=f(low), high=f(high), standardError=f(np.nanstd(values))))


def segmentation():
    n, k = 60, 4
    actual = rng.integers(50, 400, (n, k)) * (rng.random((n, k)) < 0.7)
    hits = (actual * np.clip(rng.normal(0.8, 0.15, (n, k)), 0, 1)).astype(int)
    predicted = hits + rng.integers(0, 60, (n, k))
    def iou(i):
        h, a, p = hits[i].sum(0), actual[i].sum(0), predicted[i].sum(0)
        return np.mean(h / (a + p - h))
    def dice(i):
        h, a, p = hits[i].sum(0), actual[i].sum(0), predicted[i].sum(0)
        return np.mean(2 * h / (a + p))
    return dict(hits=hits.tolist(), actual=actual.tolist(), predicted=predicted.tolist(), meanIou=bounds(n, iou), meanDice=bounds(n, dice), pixelAccuracy=bounds(n, lambda i: hits[i].sum() / actual[i].sum()))


def multilabel():
    n, k = 80, 5
    y = rng.random((n, k)) < 0.35
    p = np.where(rng.random((n, k)) < 0.85, y, ~y)
    def micro(i): return 2 * (y[i] & p[i]).sum() / (y[i].sum() + p[i].sum())
    def macro(i): return np.mean(2 * (y[i] & p[i]).sum(0) / (y[i].sum(0) + p[i].sum(0)))
    return dict(actual=y.astype(int).tolist(), predicted=p.astype(int).tolist(), hammingLoss=bounds(n, lambda i: (y[i] != p[i]).mean()), microF1=bounds(n, micro), macroF1=bounds(n, macro))


def embedding():
    n, d = 70, 8
    v = np.round(rng.normal(0, 1, (n, d)), 6)
    w = np.round(v + rng.exponential(0.4, (n, d)), 6)
    cosine = np.sum(v * w, 1) / np.linalg.norm(v, axis=1) / np.linalg.norm(w, axis=1)
    return dict(vectors=v.tolist(), others=w.tolist(), meanCosine=bounds(n, lambda i: cosine[i].mean()))


def coco_of(case, images, drawn):
    """Each image that was drawn is an image of its own, copies one after the other."""
    truths, found = [], []
    for place, image in enumerate(sorted(drawn)):
        truths += [dict(t, image=place) for t in case['truths'] if t['image'] == image]
        found += [dict(d, image=place) for d in case['found'] if d['image'] == image]
    if not truths or not found:
        return None
    categories = sorted({t['category'] for t in case['truths']})
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = dict(images=[dict(id=i + 1) for i in range(len(drawn))], categories=[dict(id=c + 1) for c in categories],
                            annotations=[dict(id=n + 1, image_id=t['image'] + 1, category_id=t['category'] + 1, bbox=t['box'], area=t.get('area', t['box'][2] * t['box'][3]), iscrowd=int(t.get('crowd', False))) for n, t in enumerate(truths)])
        coco.createIndex()
        results = coco.loadRes([dict(image_id=d['image'] + 1, category_id=d['category'] + 1, bbox=d['box'], score=d['score']) for d in found])
        for d, given in zip(results.dataset['annotations'], found):
            d['area'] = given.get('area', d['area'])
        e = COCOeval(coco, results, 'bbox')
        e.evaluate(); e.accumulate(); e.summarize()
    told = [None if e.stats[at] == -1 else f(e.stats[at]) for at in (1, 0, 3, 4, 5)]
    return dict(drawn=[int(i) for i in drawn], figures=told)


def detection():
    """The boxes of the goldens beside this one, drawn anew."""
    out = []
    for source, cases in [('tasks.json', json.loads((here / 'tasks.json').read_text())['detection']), ('boxes.json', json.loads((here / 'boxes.json').read_text()))]:
        for at, case in enumerate(cases):
            images = 1 + max(b['image'] for b in case['truths'] + case['found'])
            draws = [coco_of(case, images, rng.integers(0, images, images).tolist()) for _ in range(8)]
            out.append(dict(source=source, case=at, images=images, draws=[d for d in draws if d]))
    return out


def overlap():
    n, size = 24, 12
    masks = np.zeros((n, size, size), int)
    for image in range(0, n, 2):
        for _ in range(rng.integers(1, 3)):
            x, y = rng.integers(0, size - 3, 2)
            masks[image, y:y + 3, x:x + 2] = 1
    maps = np.round(masks * rng.uniform(0.1, 0.7, (n, 1, 1)) + rng.random(masks.shape), 3)
    draws = [rng.integers(0, n, n) for _ in range(12)]
    return dict(size=size, masks=masks.reshape(n, -1).tolist(), maps=maps.reshape(n, -1).tolist(), pro=per_region_overlap(masks, maps), draws=[dict(drawn=i.tolist(), pro=per_region_overlap(masks[i], maps[i])) for i in draws])


made_with = dict(numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__, pycocotools='2.0')
(here / 'intervals.json').write_text(json.dumps(dict(madeWith=made_with, anomaly=anomaly(), segmentation=segmentation(), multilabel=multilabel(), embedding=embedding(), detection=detection(), overlap=overlap())))
