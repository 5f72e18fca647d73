"""Search without a model: the SQL of each mode, ranking, and what fits the budgets."""
