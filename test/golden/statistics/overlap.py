"""Per-region overlap as the reference of two scripts beside this one."""
import numpy as np
from scipy import ndimage


def per_region_overlap(masks, maps, limit=0.3):
    """Bergmann et al. 2021: mean share of each 8-connected region that is found, over the false positive rate up to the limit."""
    regions, normal = [], []
    for mask, scores in zip(masks, maps):
        labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
        regions += [scores[labels == i + 1] for i in range(count)]
        normal.append(scores[mask == 0])
    normal = np.concatenate(normal)
    fpr, pro = [0.0], [0.0]
    for t in np.unique(np.concatenate([normal, *regions]))[::-1]:
        fpr.append((normal >= t).mean())
        pro.append(np.mean([(r >= t).mean() for r in regions]))
    fpr, pro = np.array(fpr), np.array(pro)
    inside = fpr <= limit
    x, y = fpr[inside], pro[inside]
    if x[-1] < limit:
        x, y = np.append(x, limit), np.append(y, np.interp(limit, fpr, pro))
    return float(np.trapezoid(y, x) / limit)
