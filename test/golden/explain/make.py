"""Reference values for the explanations: occlusion maps by plain loops of numpy, permutation importance by scikit-learn.

Run: python test/golden/explain/make.py    (needs numpy and scikit-learn)
"""
import json
import math
import os

import numpy as np
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(20260101)


def occlusion(picture, weights):
    """picture, weights: C x H x W. The loss of a sigmoid's probability by cell, by the definition: at most 12 cells a side, patches of 3 cells, moved by one."""
    probability = lambda values: 1 / (1 + math.exp(-float((weights * values).sum())))
    _, height, width = picture.shape
    cell = max(1, math.ceil(max(height, width) / 12))
    rows, columns = math.ceil(height / cell), math.ceil(width / cell)
    fill = picture.mean(axis=(1, 2))
    sums, counts = np.zeros((rows, columns)), np.zeros((rows, columns))
    for top in range(-2, rows):
        for left in range(-2, columns):
            covered = picture.copy()
            r0, r1, c0, c1 = max(0, top), min(rows, top + 3), max(0, left), min(columns, left + 3)
            covered[:, r0 * cell:r1 * cell, c0 * cell:c1 * cell] = fill[:, None, None]
            loss = probability(picture) - probability(covered)
            sums[r0:r1, c0:c1] += loss
            counts[r0:r1, c0:c1] += 1
    return sums / counts


cases = []
for channels, height, width, last in [(1, 28, 28, False), (3, 13, 25, False), (3, 9, 30, True)]:
    picture = rng.normal(size=(channels, height, width)).round(4)
    weights = (rng.normal(size=picture.shape) / math.sqrt(picture.size)).round(5)
    order = (1, 2, 0) if last else (0, 1, 2)
    cases.append({
        'dims': [1, height, width, channels] if last else [1, channels, height, width],
        'data': picture.transpose(order).ravel().tolist(), 'weights': weights.transpose(order).ravel().tolist(), 'losses': occlusion(picture, weights).tolist(),
    })
with open(os.path.join(here, 'occlusion.json'), 'w') as file:
    json.dump({'cases': cases}, file)
    file.write('\n')

rows = rng.normal(size=(120, 4)).round(4)
coefficients = np.array([2.0, -0.7, 0.0, 0.1])
target = (rows @ coefficients + rng.normal(size=120) * 0.2).round(4)
model = LinearRegression(fit_intercept=False).fit(rows, target)
model.coef_ = coefficients
found = permutation_importance(model, rows, target, scoring='neg_mean_absolute_error', n_repeats=50, random_state=1)
with open(os.path.join(here, 'permutation.json'), 'w') as file:
    json.dump({'rows': rows.tolist(), 'target': target.tolist(), 'coefficients': coefficients.tolist(), 'columns': [{'mean': float(mean), 'deviation': float(deviation)} for mean, deviation in zip(found.importances_mean, found.importances_std)]}, file)
    file.write('\n')
