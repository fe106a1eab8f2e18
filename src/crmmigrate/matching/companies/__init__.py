"""Names of companies and public bodies taken apart, and what their parts say of two of them."""
