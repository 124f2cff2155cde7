"""collectaudit: audits how debts are collected."""

__version__ = "0.1.0"
