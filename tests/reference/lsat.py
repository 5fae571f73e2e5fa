"""LSAT sections 6 and 7: pattern counts of Bock & Lieberman (1970), Psychometrika 35:179-197.

Published results beside them: R package ltm (Rizopoulos 2006, J. Stat. Softw. 17(5), section 4.1,
`descript(LSAT)`), R package mirt (documentation of `itemstats`, `itemfit`, `M2`, `mirt`; also
quoted in the unit tests of jMetrik's psychometrics library).
"""

import numpy as np
from numpy.typing import NDArray

LSAT6 = (
    "00000:3 00001:6 00010:2 00011:11 00100:1 00101:1 00110:3 00111:4 01000:1 01001:8 01011:16 "
    "01101:3 01110:2 01111:15 10000:10 10001:29 10010:14 10011:81 10100:3 10101:28 10110:15 "
    "10111:80 11000:16 11001:56 11010:21 11011:173 11100:11 11101:61 11110:28 11111:298"
)
LSAT7 = (
    "00000:12 00001:19 00010:1 00011:7 00100:3 00101:19 00110:3 00111:17 01000:10 01001:5 "
    "01010:3 01011:7 01100:7 01101:23 01110:8 01111:28 10000:7 10001:39 10010:11 10011:34 "
    "10100:14 10101:51 10110:15 10111:90 11000:6 11001:25 11010:7 11011:35 11100:18 11101:136 "
    "11110:32 11111:308"
)


def responses(patterns: str) -> NDArray[np.int8]:
    """Expand pattern counts to people x items."""
    rows = []
    for part in patterns.split():
        pattern, count = part.split(":")
        rows += [[int(c) for c in pattern]] * int(count)
    return np.array(rows, dtype=np.int8)


# ltm: descript(LSAT), section 6.
LTM_ALPHA = 0.2950
LTM_INCLUDED = (0.3618, 0.5665, 0.6182, 0.5342, 0.4351)
LTM_EXCLUDED = (0.1128, 0.1531, 0.1727, 0.1444, 0.1215)
LTM_ALPHA_WITHOUT = (0.2754, 0.2376, 0.2168, 0.2459, 0.2663)

# mirt: itemstats(expand.table(LSAT7)).
MIRT7_ALPHA = 0.453
MIRT7_MEAN = (0.828, 0.658, 0.772, 0.606, 0.843)
MIRT7_SD = (0.378, 0.475, 0.420, 0.489, 0.364)
MIRT7_TOTAL_R = (0.530, 0.600, 0.611, 0.592, 0.461)
MIRT7_REST_R = (0.246, 0.247, 0.313, 0.223, 0.175)

# mirt, section 7, 2PL at its maximum: coef, itemfit(mincell = 0) and M2.
MIRT7_A = (0.988, 1.081, 1.706, 0.765, 0.736)
MIRT7_B = (-1.879, -0.748, -1.058, -0.635, -2.520)
MIRT7_S_X2 = (4.7492191, 14.4528980, 1.2703374, 5.2373430, 0.9407036)
MIRT7_M2 = {"m2": 11.936, "df": 5, "p": 0.036, "rmsea": 0.037, "low": 0.009, "high": 0.065}
MIRT7_SRMSR = 0.032

# mirt, section 6, one common slope: coef, itemfit, M2 (documentation, printed to 3 decimals).
MIRT6_A = 0.755
MIRT6_D = (2.730, 0.999, 0.240, 1.307, 2.100)
MIRT6_S_X2 = (0.436, 1.576, 0.871, 0.190, 0.190)
MIRT6_S_X2_DF = (2, 2, 1, 2, 2)
MIRT6_M2 = {"m2": 5.293, "df": 9, "p": 0.808, "srmsr": 0.022, "tli": 1.073, "cfi": 1.0}
