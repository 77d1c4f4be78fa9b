"""Multi-head attention that commutes with a group, over points and over tokens."""
