"""dSprites and what is made of it: in colours, on noise, on a painting."""
