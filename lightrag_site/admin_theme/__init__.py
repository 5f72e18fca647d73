"""The theme of the admin site (Unfold): navigation, colors and messages."""
