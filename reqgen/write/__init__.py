"""Values back to YAML text, the user's comments and layout kept."""
