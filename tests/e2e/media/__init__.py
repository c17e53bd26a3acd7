"""Images and files of a case, in browsers: a real server, a real store, real files."""
