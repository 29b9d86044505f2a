"""What it means: plans, tiers, goals and measures as plain functions on tables."""
