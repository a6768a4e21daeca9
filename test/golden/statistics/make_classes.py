"""Makes the goldens of classifications: areas under ROC curves and bootstrap bounds from scikit-learn and scipy, DeLong and Newcombe from their definitions.

    python3 -m venv venv && venv/bin/pip install numpy scipy scikit-learn
    venv/bin/python test/golden/statistics/make_classes.py
"""
import json, pathlib
import numpy as np, scipy, sklearn
from scipy import optimize, stats
from sklearn import metrics

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(77)
f = float


def answers(k, n, spread, digits, prior=None):
    y = rng.choice(k, n, p=prior)
    y[:k] = np.arange(k)  # each class occurs
    logits = rng.normal(0, spread, (n, k))
    logits[np.arange(n), y] += 1.6
    p = np.floor(np.exp(logits) / np.exp(logits).sum(1, keepdims=True) * 10 ** digits) / 10 ** digits
    p[:, -1] = 1 - p[:, :-1].sum(1)  # rows that sum to one, with ties
    return y, np.round(np.clip(p, 0, 1), 12)


def areas():
    out = []
    for k, n, digits, prior in [(3, 90, 6, None), (5, 400, 2, [0.4, 0.3, 0.2, 0.07, 0.03]), (10, 600, 3, None), (4, 60, 1, None)]:
        y, p = answers(k, n, 1.3, digits, prior)
        each = [f(metrics.roc_auc_score(y == c, p[:, c])) for c in range(k)]
        curve = metrics.roc_curve(y == k - 1, p[:, k - 1], drop_intermediate=False)
        out.append(dict(actual=y.tolist(), scores=p.tolist(), classes=each, macro=f(metrics.roc_auc_score(y, p, multi_class='ovr', average='macro')),
                        weighted=f(metrics.roc_auc_score(y, p, multi_class='ovr', average='weighted')), oneVsOne=f(metrics.roc_auc_score(y, p, multi_class='ovo', average='macro')),
                        lastCurve=dict(falsePositiveRate=curve[0].tolist(), truePositiveRate=curve[1].tolist())))
    return out


def delong(s, y):
    """By the definition: the kernel of every pair of a positive and a negative."""
    a, b = s[y][:, None], s[~y][None, :]
    psi = (a > b) + 0.5 * (a == b)
    v10, v01 = psi.mean(1), psi.mean(0)
    return f(psi.mean()), f(v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01))


def newcombe(area, m, n, confidence):
    z = stats.norm.ppf((1 + confidence) / 2)
    def away(t):
        return (area - t) ** 2 - z * z * t * (1 - t) * (1 + ((m + n) / 2 - 1) * ((1 - t) / (2 - t) + t / (1 + t))) / (m * n)
    low = 0.0 if area == 0 else optimize.brentq(away, 1e-12, area - 1e-9, xtol=1e-15)
    high = 1.0 if area == 1 else optimize.brentq(away, area + 1e-9, 1 - 1e-12, xtol=1e-15)
    return [f(low), f(high)]


def single():
    out = []
    for n, digits, confidence in [(40, 6, 0.95), (300, 1, 0.95), (80, 2, 0.9)]:
        y = rng.random(n) < 0.4
        s = np.round(y * 0.5 + rng.random(n), digits)
        area, variance = delong(s, y)
        half = stats.norm.ppf((1 + confidence) / 2) * np.sqrt(variance)
        out.append(dict(scores=s.tolist(), positive=y.tolist(), area=area, variance=variance, confidence=confidence, low=f(max(0, area - half)), high=f(min(1, area + half))))
    perfect = [dict(area=area, positives=m, negatives=n, confidence=c, bounds=newcombe(area, m, n, c)) for area, m, n, c in [(1.0, 30, 70, 0.95), (1.0, 3, 4, 0.9), (0.5, 20, 20, 0.95), (0.0, 10, 50, 0.99)]]
    return dict(delong=out, newcombe=perfect)


def ece(stated, right, bins=15):
    edges = np.linspace(0, 1, bins + 1)
    total = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (stated > low) & (stated <= high)
        if inside.any():
            total += inside.mean() * abs(stated[inside].mean() - right[inside].mean())
    return total


def bounds(n, statistic, resamples=10_000):
    r = stats.bootstrap((np.arange(n),), statistic, vectorized=False, n_resamples=resamples, method='BCa', random_state=np.random.default_rng(5))
    return dict(value=f(statistic(np.arange(n))), low=f(r.confidence_interval.low), high=f(r.confidence_interval.high), standardError=f(r.standard_error))


def figures():
    k, n = 3, 150
    y, p = answers(k, n, 1.3, 6)
    said, stated = p.argmax(1), p.max(1)
    def area(i, **how): return metrics.roc_auc_score(y[i], p[i], labels=range(k), **how)
    return dict(
        actual=y.tolist(), scores=p.tolist(), predicted=said.tolist(),
        precision=bounds(n, lambda i: metrics.precision_score(y[i], said[i], average='macro', zero_division=0), 6000),
        recall=bounds(n, lambda i: metrics.recall_score(y[i], said[i], average='macro', zero_division=0), 6000),
        f1=bounds(n, lambda i: metrics.f1_score(y[i], said[i], average='macro', zero_division=0), 6000),
        f1OfFirst=bounds(n, lambda i: metrics.f1_score(y[i] == 0, said[i] == 0), 6000),
        kappa=bounds(n, lambda i: metrics.cohen_kappa_score(y[i], said[i]), 6000),
        calibrationError=bounds(n, lambda i: ece(stated[i], said[i] == y[i])),
        auroc=bounds(n, lambda i: area(i, multi_class='ovr', average='macro'), 4000),
        aurocWeighted=bounds(n, lambda i: area(i, multi_class='ovr', average='weighted'), 4000),
        aurocOneVsOne=bounds(n, lambda i: area(i, multi_class='ovo', average='macro'), 4000))


made_with = dict(numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__)
(here / 'classes.json').write_text(json.dumps(dict(madeWith=made_with, areas=areas(), single=single(), figures=figures())))
