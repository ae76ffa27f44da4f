"""How fast fundsim is, beside what people use: `python -m benchmarks` (`make bench`)."""
