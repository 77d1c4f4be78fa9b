"""Networks that learn a group's product, its cosets or its words: what their neurons are."""
