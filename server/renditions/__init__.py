"""What viewers need of a cleaned file, made beside it: small pictures, tiles, frames, a manifest. Called in a child."""
