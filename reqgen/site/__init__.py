"""The library as a static site: pages of HTML, a style sheet, and a search that works from the disk."""
