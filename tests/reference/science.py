"""Attitudes to science and technology: 392 people, four items of four ordered categories.

From the Eurobarometer of 1992 (Consumer Protection and Perceptions of Science and Technology),
Great Britain, as data set Science of the R packages ltm and mirt; here the counts of the answer
patterns over Comfort, Work, Future, Benefit, categories 0 to 3. Log-likelihoods are those of the
documentation of mirt (`anova` and `mirt`, examples on Science).
"""

SCIENCE = (
    "0000:2 0210:1 0312:1 0320:1 1000:1 1013:1 1100:1 1111:4 1112:2 1120:1 1121:1 1122:1 1132:1 "
    "1202:1 1211:2 1212:1 1221:3 1222:3 1223:2 1230:1 1232:2 1310:1 1332:2 1333:1 2000:1 2002:2 "
    "2011:2 2012:4 2021:5 2022:5 2023:3 2032:1 2033:1 2101:1 2103:1 2110:1 2111:10 2112:7 2120:1 "
    "2121:16 2122:22 2123:5 2130:1 2131:1 2132:3 2133:2 2202:2 2210:1 2211:13 2212:10 2213:2 "
    "2220:5 2221:23 2222:52 2223:8 2231:7 2232:13 2233:12 2302:1 2312:1 2321:2 2322:4 2323:4 "
    "2330:1 2331:1 2332:6 2333:3 3003:1 3011:1 3013:2 3023:1 3110:1 3112:3 3122:8 3123:2 3131:1 "
    "3133:1 3212:1 3221:2 3222:21 3223:3 3231:2 3232:5 3233:8 3321:1 3322:2 3323:3 3331:2 3332:6 "
    "3333:12"
)
LOG_LIKELIHOOD = {"graded": -1608.870, "gpcm": -1612.683, "nominal": -1608.455}
GRADED_EQUAL_SLOPES = -1613.899
