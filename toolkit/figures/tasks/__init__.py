"""Pictures of reports on networks that learned a group's product."""
