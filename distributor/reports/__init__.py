"""What comes back: what others wrote about our messages. Pure: bytes in, facts out; it judges nothing."""
