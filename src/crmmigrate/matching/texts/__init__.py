"""Values as the comparators see them: folded, with their letters and sounds, in bags by number, alike beside a slip."""
