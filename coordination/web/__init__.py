"""The doors (page, action, stream, link), rendering, forms, drafts."""
