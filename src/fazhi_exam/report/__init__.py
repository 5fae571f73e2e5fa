"""Everything that leaves the house on paper or as a file (报告与文书).

Names are loaded when first used, because Word, Excel and pictures need heavy libraries.
"""

from ..lazy import lazy_names

_WHERE = {
    "PrintOptions": "papers",
    "Sheet": "papers",
    "write_papers": "papers",
    "write_papers_word": "papers_word",
    "write_key_book": "papers",
    "write_lists": "papers",
    "write_tickets": "papers",
    "write_answer_card": "papers",
    "write_result_slips": "papers",
    "SittingSummary": "summary",
    "UnitComparison": "summary",
    "compare_units": "summary",
    "summarise": "summary",
    "Letterhead": "bulletin",
    "write_bulletin": "bulletin",
    "write_score_list": "score_list",
    "write_public_list": "score_list",
    "write_html_report": "html_report",
    "write_public_bulletin": "public_bulletin",
    "overall": "public_bulletin",
    "write_unit_letters": "unit_letter",
    "YearFigures": "yearly_report",
    "year_figures": "yearly_report",
    "write_yearly_report": "yearly_report",
    "new_axes": "figures",
    "save_figure": "figures",
    "plot_funnel": "plots",
    "plot_pass_rates": "plots",
    "plot_score_distribution": "plots",
    "plot_trend": "plots_time",
    "plot_change_points": "plots_time",
    "plot_decomposition": "plots_time",
    "plot_attempts": "plots_time",
    "plot_weakness": "plots",
    "plot_expiry": "plots_time",
    "plot_item_curve": "plots_items",
    "plot_test_information": "plots_items",
    "plot_wright_map": "plots_items",
    "plot_option_curves": "plots_items",
    "plot_dif": "plots_items",
}

__all__ = list(_WHERE)

__getattr__ = lazy_names(__name__, _WHERE)


def __dir__() -> list[str]:
    return sorted(__all__)
