"""crmmigrate: move a company's customer data into a new CRM, cleansed, reconciled and reversible."""

__version__ = "0.1.0"

import warnings

# pandera imports PySpark where that is installed, and PySpark then doubts pandas 3. Of it only what needs no pandas is used here.
warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
