"""crmmigrate: move a company's customer data into a new CRM, cleansed, reconciled and reversible."""

__version__ = "0.1.0"
