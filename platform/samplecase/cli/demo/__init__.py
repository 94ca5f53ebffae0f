"""The demo: the main job on real images, done as any script would do it, through the REST interface.

`recipe/` holds what runs in a process of its own (it imports torch and scikit-learn) and what goes into the packages.
"""
