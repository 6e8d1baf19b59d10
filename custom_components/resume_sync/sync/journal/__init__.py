"""The trusted clock: whose position does a read show, and when did a viewer leave the item there?"""
