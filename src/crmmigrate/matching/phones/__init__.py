"""Telephone numbers: plain ones, mobiles, and those whose country or area only the table tells."""
