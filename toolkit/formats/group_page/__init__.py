"""What a page about a group says, without its layout: answers, facts in words, exact values."""
