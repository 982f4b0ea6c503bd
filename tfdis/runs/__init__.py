"""Whole jobs: train, finetune, extract, and the steps of the challenge, each done once."""
