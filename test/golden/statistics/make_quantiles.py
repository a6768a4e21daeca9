"""Makes the goldens of intervals of a quantile: the ranks of the sorted sample that scipy's quantile_test answers.

    python3 -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python test/golden/statistics/make_quantiles.py
"""
import json, math, pathlib
import numpy as np, scipy
from scipy import stats

rows = []
for n in [5, 20, 60, 100, 599, 1841, 50_000]:
    for q in [0.5, 0.9, 0.95, 0.99, 0.999]:
        for confidence in [0.9, 0.95, 0.99]:
            # The sample is 1 to n, so that the bounds are the ranks; nan where the sample does not reach.
            interval = stats.quantile_test(np.arange(1, n + 1), p=q).confidence_interval(confidence_level=confidence)
            rows.append(dict(n=n, q=q, confidence=confidence, **{end: None if math.isnan(value := float(getattr(interval, end))) else int(value) for end in ('low', 'high')}))
(pathlib.Path(__file__).parent / 'quantiles.json').write_text(json.dumps(dict(madeWith=dict(numpy=np.__version__, scipy=scipy.__version__), rows=rows)) + '\n')
