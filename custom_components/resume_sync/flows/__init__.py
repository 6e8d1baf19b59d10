"""The dialogs: how accounts and pairs are added, signed in again and changed."""
