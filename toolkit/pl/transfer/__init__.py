"""How much energy an activation moves from simple to simple."""
