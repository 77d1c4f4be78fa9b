"""Pictures of graphs, flows, weights, maps, group tasks, zeros and audits, with matplotlib.

``draw_...`` writes a PNG, SVG or PDF file, ``figure_for_...`` returns a matplotlib figure.
"""

from toolkit.figures.audit import draw_audit, figure_for_audit
from toolkit.figures.flow.picture import draw_flow, figure_for_flow
from toolkit.figures.flow.weights import draw_weights, figure_for_weights
from toolkit.figures.graph.picture import draw_interaction_graph, figure_for_interaction_graph
from toolkit.figures.map.picture import draw_pl_map, figure_for_pl_map
from toolkit.figures.tasks.picture import draw_group_task, figure_for_group_task
from toolkit.figures.trade_off import draw_trade_off, figure_for_trade_off
from toolkit.figures.zero_components import draw_zero_components, figure_for_zero_components

__all__ = [
    "draw_audit",
    "draw_flow",
    "draw_group_task",
    "draw_interaction_graph",
    "draw_pl_map",
    "draw_trade_off",
    "draw_weights",
    "draw_zero_components",
    "figure_for_audit",
    "figure_for_flow",
    "figure_for_group_task",
    "figure_for_interaction_graph",
    "figure_for_pl_map",
    "figure_for_trade_off",
    "figure_for_weights",
    "figure_for_zero_components",
]
