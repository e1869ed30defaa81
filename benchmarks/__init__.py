"""Speed, overhead and memory, measured against peers on the machine at hand. See README.md."""
