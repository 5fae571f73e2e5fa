"""Published data and values for the statistics tests, each with its origin."""

# Newcombe (1998), Statistics in Medicine 17:857-872, Table I: (passed, sat) and 95 % limits by
# method 3 (Wilson), method 5 (Clopper-Pearson) and method 6 (mid-p).
NEWCOMBE_SINGLE = (
    ((81, 263), (0.2553, 0.3662), (0.2527, 0.3676), (0.2544, 0.3658)),
    ((15, 148), (0.0624, 0.1605), (0.0578, 0.1617), (0.0601, 0.1581)),
    ((0, 20), (0.0000, 0.1611), (0.0000, 0.1684), (0.0000, 0.1391)),
    ((1, 29), (0.0061, 0.1718), (0.0009, 0.1776), (0.0017, 0.1585)),
)

# Newcombe (1998), Statistics in Medicine 17:873-890, Table II, method 10, 95 % limits of the
# difference of two rates.
NEWCOMBE_DIFFERENCE = (
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000)),
)

# Bickel, Hammel and O'Connell (1975), Science 187:398-404; R's data set UCBAdmissions.
# Six departments: admitted and applied, women and men.
UCB_WOMEN = ((89, 17, 202, 131, 94, 24), (108, 25, 593, 375, 393, 341))
UCB_MEN = ((512, 353, 120, 138, 53, 22), (825, 560, 325, 417, 191, 373))
# R 4: mantelhaen.test(UCBAdmissions): X-squared, p-value, common odds ratio and its interval.
UCB_MANTEL_HAENSZEL = (1.4269, 0.2323, 0.9046968, 0.7719074, 1.0603298)

# R 4: help page of prop.test and prop.trend.test, smokers and patients of four studies.
R_SMOKERS = ((83, 90, 129, 70), (86, 93, 136, 82))
R_SMOKERS_TREND = (8.2249, 0.004132)  # X-squared, p-value

# Agresti (2002), Categorical Data Analysis, 2nd edition, Table 3.7: malformations by alcohol
# consumption; z squared of the trend test and its exact one-sided conditional p-value.
MALFORMED = (48, 38, 5, 1, 1)
NOT_MALFORMED = (17066, 14464, 788, 126, 37)
ALCOHOL = (0.0, 0.5, 1.5, 4.0, 7.0)
ALCOHOL_TREND = (6.57, 0.0168)

# Montgomery (2013), Introduction to Statistical Quality Control, 7th edition, example 7.1:
# nonconforming cans in 30 samples of 50; centre, limits, and the samples that signal.
JUICE_CANS = (
    *(12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22),
    *(8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6),
)
JUICE_CHART = (0.2313, 0.0524, 0.4102, (15, 23))

# Freireich et al. (1963), Blood 21:699-716: weeks in remission, and whether it ended.
REMISSION_6MP = (
    (6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35),
    (1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0),
)
REMISSION_PLACEBO = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
# Kaplan-Meier estimates at the times when remissions ended: Kleinbaum and Klein (2012), Survival
# Analysis, 3rd edition, chapter 2; log-rank statistic and expected counts by R's survdiff.
REMISSION_CURVE = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
REMISSION_LOG_LOG_AT_6 = (0.620, 0.952)  # R: survfit(conf.type = "log-log")
REMISSION_LOG_RANK = (16.79, 19.25, 10.75)

# R's survival::aml (Miller 1997): maintained and not maintained; survdiff statistic and p-value.
AML_MAINTAINED = ((9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161), (1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0))
AML_NOT = ((5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45), (1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1))
AML_LOG_RANK = (3.4, 0.07)
AML_CURVE = {9: 0.909, 13: 0.818, 18: 0.716, 23: 0.614, 31: 0.491, 34: 0.368, 48: 0.184}

# Lesnoff et al. (2004), as lme4::cbpp: herd, incidence, size, period.
CBPP = (
    *((1, 2, 14, 1), (1, 3, 12, 2), (1, 4, 9, 3), (1, 0, 5, 4), (2, 3, 22, 1), (2, 1, 18, 2)),
    *((2, 1, 21, 3), (3, 8, 22, 1), (3, 2, 16, 2), (3, 0, 16, 3), (3, 2, 20, 4), (4, 2, 10, 1)),
    *((4, 0, 10, 2), (4, 2, 9, 3), (4, 0, 6, 4), (5, 5, 18, 1), (5, 0, 25, 2), (5, 0, 24, 3)),
    *((5, 1, 4, 4), (6, 3, 17, 1), (6, 0, 17, 2), (6, 0, 18, 3), (6, 1, 20, 4), (7, 8, 16, 1)),
    *((7, 1, 10, 2), (7, 3, 9, 3), (7, 0, 5, 4), (8, 12, 34, 1), (9, 2, 9, 1), (9, 0, 6, 2)),
    *((9, 0, 8, 3), (9, 0, 6, 4), (10, 1, 22, 1), (10, 1, 22, 2), (10, 0, 18, 3), (10, 2, 22, 4)),
    *((11, 0, 25, 1), (11, 5, 27, 2), (11, 3, 22, 3), (11, 1, 22, 4), (12, 2, 10, 1)),
    *((12, 1, 8, 2), (12, 0, 6, 3), (12, 0, 5, 4), (13, 1, 21, 1), (13, 2, 24, 2), (13, 0, 19, 3)),
    *((13, 0, 23, 4), (14, 11, 19, 1), (14, 0, 2, 2), (14, 0, 3, 3), (14, 0, 2, 4), (15, 1, 19, 1)),
    *((15, 1, 15, 2), (15, 1, 15, 3), (15, 0, 15, 4)),
)
# lme4, its own test tests/glmer-1.R, glmer(..., nAGQ = 25): fixed effects and deviance. The
# effects are reached there to about 1e-5 only, the deviance to 1e-9.
CBPP_EFFECTS = (-1.39922533406847, -0.991407294757321, -1.12782184600404, -1.57946627431248)
CBPP_DEVIANCE = 100.010030538022

# Tarone (1982), as Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, Table 5.1: tumours
# in 71 groups of rats, and section 5.3: posterior means of alpha and beta.
RATS_TUMOURS = (
    *((0,) * 14 + (1,) * 8 + (2,) * 9),
    *(1, 5, 2, 5, 3, 2, 7, 7, 3, 3, 2, 9, 10, 4, 4, 4, 4, 4, 4, 4),
    *(10, 4, 4, 4, 5, 11, 12, 5, 5, 6, 5, 6, 6, 6, 6, 16, 15, 15, 9, 4),
)
RATS = (
    *((20,) * 7 + (19,) * 4 + (18, 18, 17) + (20,) * 4 + (19, 19, 18, 18) + (25, 24, 23)),
    *((20,) * 6 + (10, 49, 19, 46, 27, 17, 49, 47, 20, 20, 13, 48, 50) + (20,) * 7),
    *(48, 19, 19, 19, 22, 46, 49, 20, 20, 23, 19, 22, 20, 20, 20, 52, 46, 47, 24, 14),
)
RATS_POSTERIOR = (2.4, 14.3)
