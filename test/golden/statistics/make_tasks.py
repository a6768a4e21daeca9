"""Makes the goldens of the metrics by task and of agreement from scikit-learn, statsmodels, pycocotools and scipy.

    python3 -m venv venv && venv/bin/pip install numpy scipy scikit-learn statsmodels pycocotools
    venv/bin/python test/golden/statistics/make_tasks.py
"""
import contextlib, io, json, pathlib
import numpy as np, scipy, sklearn, statsmodels
from sklearn import metrics
from statsmodels.stats import inter_rater
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from overlap import per_region_overlap

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(29)
f = float


def cohen():
    out = []
    for k, n, same in [(2, 40, 0.8), (5, 120, 0.6), (3, 15, 0.95), (4, 300, 0.2)]:
        a = rng.integers(0, k, n)
        b = np.where(rng.random(n) < same, a, rng.integers(0, k, n))
        table = metrics.confusion_matrix(a, b, labels=range(k))
        r = inter_rater.cohens_kappa(table)
        out.append(dict(first=a.tolist(), second=b.tolist(), kappa=f(metrics.cohen_kappa_score(a, b)), low=f(r.kappa_low), high=f(r.kappa_upp)))
    return out


def fleiss():
    out = []
    for k, n, raters in [(2, 30, 3), (4, 80, 5), (3, 12, 8)]:
        truth = rng.integers(0, k, n)
        ratings = np.where(rng.random((n, raters)) < 0.7, truth[:, None], rng.integers(0, k, (n, raters)))
        table, _ = inter_rater.aggregate_raters(ratings, n_cat=k)
        out.append(dict(ratings=ratings.tolist(), kappa=f(inter_rater.fleiss_kappa(table, method='fleiss'))))
    return out


def multilabel():
    out = []
    for n, k in [(60, 4), (200, 9), (5, 3)]:
        y = (rng.random((n, k)) < 0.3).astype(int)
        p = np.where(rng.random((n, k)) < 0.85, y, 1 - y)
        y[:, -1] = 0 if n == 5 else y[:, -1]
        p[:, -1] = 0 if n == 5 else p[:, -1]
        pr, rc, f1, sup = metrics.precision_recall_fscore_support(y, p, average=None, zero_division=0)
        out.append(dict(actual=y.tolist(), predicted=p.tolist(), subsetAccuracy=f(metrics.accuracy_score(y, p)), hammingLoss=f(metrics.hamming_loss(y, p)),
                        microF1=f(metrics.f1_score(y, p, average='micro', zero_division=0)), macroF1=f(metrics.f1_score(y, p, average='macro', zero_division=0)),
                        precision=pr.tolist(), recall=rc.tolist(), f1=f1.tolist(), support=sup.tolist()))
    return out


def segmentation():
    out = []
    for k, shape, n in [(2, (12, 9), 4), (5, (20, 20), 3)]:
        y = rng.integers(0, k, (n, *shape))
        p = np.where(rng.random(y.shape) < 0.8, y, rng.integers(0, k, y.shape))
        a, b = y.ravel(), p.ravel()
        out.append(dict(classes=k, actual=y.reshape(n, -1).tolist(), predicted=p.reshape(n, -1).tolist(), iou=metrics.jaccard_score(a, b, average=None).tolist(), meanIou=f(metrics.jaccard_score(a, b, average='macro')),
                        dice=metrics.f1_score(a, b, average=None).tolist(), meanDice=f(metrics.f1_score(a, b, average='macro')), pixelAccuracy=f(metrics.accuracy_score(a, b))))
    return out


def anomaly():
    out = []
    for n, ties in [(50, False), (300, True)]:
        y = rng.random(n) < 0.25
        s = np.round(y * 0.5 + rng.random(n), 1 if ties else 6)
        out.append(dict(scores=s.tolist(), anomalous=y.tolist(), auroc=f(metrics.roc_auc_score(y, s)), averagePrecision=f(metrics.average_precision_score(y, s))))
    height, width = 16, 14
    masks = np.zeros((3, height, width), int)
    masks[0, 2:6, 3:7] = 1; masks[0, 10:12, 1:3] = 1; masks[1, 5, 5] = 1; masks[1, 6, 6] = 1; masks[1, 12:15, 8:13] = 1
    maps = np.round(masks * 0.4 + rng.random(masks.shape), 2)
    return dict(images=out, pixels=dict(height=height, width=width, masks=masks.reshape(3, -1).tolist(), maps=maps.reshape(3, -1).tolist(), pro=per_region_overlap(masks, maps, 0.3), pixelAuroc=f(metrics.roc_auc_score(masks.ravel(), maps.ravel()))))


def embedding():
    n, d, k = 60, 6, 5
    y = rng.integers(0, k, n)
    v = np.round(rng.normal(0, 1, (n, d)) + np.eye(k, d)[y] * 1.5, 6)
    u = v / np.linalg.norm(v, axis=1, keepdims=True)
    sim = u @ u.T
    np.fill_diagonal(sim, -np.inf)
    order = np.argsort(-sim, axis=1, kind='stable')
    recall = {str(top): f(np.mean([(y[order[i, :top]] == y[i]).any() for i in range(n)])) for top in (1, 5, 10)}
    w = np.round(v + rng.normal(0, 0.2, v.shape), 6)
    cosine = f(np.mean(np.sum(v * w, 1) / np.linalg.norm(v, axis=1) / np.linalg.norm(w, axis=1)))
    return dict(labels=y.tolist(), vectors=v.tolist(), others=w.tolist(), recall=recall, meanCosine=cosine)


def detection():
    out = []
    for images, k in [(6, 2), (15, 4)]:
        gts, dts = [], []
        for i in range(images):
            for _ in range(rng.integers(0, 6)):
                x, y, w, h = rng.random(4) * [80, 80, 40, 40] + [0, 0, 4, 4]
                c = int(rng.integers(0, k))
                gts.append(dict(image=i, category=c, box=[round(f(z), 3) for z in (x, y, w, h)]))
                if rng.random() < 0.8:
                    j = rng.normal(0, 2.5, 4)
                    box = [round(f(z), 3) for z in (x + j[0], y + j[1], max(2, w + j[2]), max(2, h + j[3]))]
                    dts.append(dict(image=i, category=c if rng.random() < 0.9 else int(rng.integers(0, k)), box=box, score=round(f(rng.random() * 0.6 + 0.4), 2)))
            for _ in range(rng.integers(0, 3)):
                x, y, w, h = rng.random(4) * [80, 80, 30, 30] + [0, 0, 3, 3]
                dts.append(dict(image=i, category=int(rng.integers(0, k)), box=[round(f(z), 3) for z in (x, y, w, h)], score=round(f(rng.random() * 0.7), 2)))
        with contextlib.redirect_stdout(io.StringIO()):
            coco = COCO()
            coco.dataset = dict(images=[dict(id=i + 1) for i in range(images)], categories=[dict(id=c + 1) for c in range(k)],
                                annotations=[dict(id=n + 1, image_id=g['image'] + 1, category_id=g['category'] + 1, bbox=g['box'], area=g['box'][2] * g['box'][3], iscrowd=0) for n, g in enumerate(gts)])
            coco.createIndex()
            found = coco.loadRes([dict(image_id=d['image'] + 1, category_id=d['category'] + 1, bbox=d['box'], score=d['score']) for d in dts])
            e = COCOeval(coco, found, 'bbox')
            e.evaluate(); e.accumulate(); e.summarize()
        out.append(dict(images=images, classes=k, truths=gts, found=dts, map=f(e.stats[0]), map50=f(e.stats[1]), map75=f(e.stats[2])))
    return out


def calibration():
    n = 400
    confidence = np.round(rng.random(n), 6)
    correct = rng.random(n) < confidence ** 1.4
    bins = np.minimum((confidence * 15).astype(int), 14)
    ece = sum(abs(confidence[bins == b].mean() - correct[bins == b].mean()) * (bins == b).sum() / n for b in range(15) if (bins == b).any())
    return dict(confidence=confidence.tolist(), correct=correct.tolist(), ece=f(ece))


made_with = dict(numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__, statsmodels=statsmodels.__version__, pycocotools='2.0')
(here / 'tasks.json').write_text(json.dumps(dict(madeWith=made_with, cohen=cohen(), fleiss=fleiss(), multilabel=multilabel(), segmentation=segmentation(), anomaly=anomaly(), embedding=embedding(), detection=detection(), calibration=calibration())))
