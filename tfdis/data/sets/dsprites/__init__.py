"""dSprites and its variants: in colours, on noise, on a painting."""
