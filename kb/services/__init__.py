"""What the knowledge base does: authorization, rules, and the only place that commits."""
