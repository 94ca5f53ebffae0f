"""The training engine: plain PyTorch, started as a process of its own over a run folder; knows no Django.

`config`, `data`, `runs` and `tuning` load no torch, so the page and the command line may import them; `engine`,
`networks` and `tasks` are loaded by the training process (`python -m samplecase.training`) alone.
"""
