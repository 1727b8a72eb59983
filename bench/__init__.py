"""The benchmarks behind the figures in docs/performance.md. Not installed with the package."""
