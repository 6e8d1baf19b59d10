"""Tests of the clients of media servers, over real sockets."""
