"""What is done to an upload before anybody else may see it. Called in a child process: files in, files out."""
