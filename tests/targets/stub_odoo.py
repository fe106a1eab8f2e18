class StubOdoo:
    pass
