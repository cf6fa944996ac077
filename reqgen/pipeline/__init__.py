"""The use cases: the only room that joins the others. It prints nothing and knows no terminal."""
