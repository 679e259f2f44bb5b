"""Reports: notebooks run by papermill, kept, compared and listed as pages."""
