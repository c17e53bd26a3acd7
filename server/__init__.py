"""The edges of Consilium: HTTP, WebSocket, sign-in, the tasks that own rooms, settings and the command line."""
