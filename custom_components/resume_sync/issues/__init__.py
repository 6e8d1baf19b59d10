"""What people are asked: repairs, which follow what pairs do, and the dialogs that solve them."""
