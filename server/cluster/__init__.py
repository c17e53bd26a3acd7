"""A cluster on one machine: PostgreSQL, Redis, nodes, and a balancer before them, each a process of its own."""
