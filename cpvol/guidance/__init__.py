"""The guidance site: page makers and the staging step that turns them into one plain tree of Markdown.

Data goes in and Markdown comes out; only :mod:`cpvol.guidance.build` knows the program that makes HTML of it.

=================  ==============================================================================
``rows``           every row of the requirements and every ruling, and where on the site it stands
``cite``           ``[E-10.6]`` in a page becomes a link to that row
``fill``           ``{{ policy.… }}`` and its kin become the values in force
``contacts``       whom to contact for what; a visible blank where nobody is named yet
``values``         the dictionary that placeholders are looked up in
``facts``          what pages are made from, besides their own text
``page``           a page: front matter, text, foot
``reference``      the reference page of a log
``example``        the worked example on it
``form``           the printable blank form of a log
``retention``      the retention schedule
``sources``        the five source documents, row by row, and the rulings
``glossary``       the glossary
``commands``       every task of the program
``numbers``        every number in force
``trace``          every row and what meets it
``standing``       how an organisation stands, in counts, on request
``reviews``        when each page is to be read again
``helper``         a decision helper from one table of questions and answers
``stage``          authored and generated pages into one folder
``whole``          all pages as one document to print
``build``          that folder into HTML, or served with live reload
``pack``           the HTML as one zip
=================  ==============================================================================

Where do I add…

* a page: ``site_src/pages/``, and its line under ``nav`` in ``mkdocs.yml``;
* a number: the policy, then ``{{ policy.its_name }}`` in the page;
* somebody to contact: :data:`cpvol.guidance.contacts.PURPOSES`;
* a line that holds under some policies only: ``{{ if policy.its_name }}`` or ``{{ unless … }}`` at its beginning;
* a word to explain: ``site_src/data/glossary.yaml``;
* a decision helper: ``site_src/data/helpers/<name>.yaml``, then ``{{ helper.<name> }}`` in a page;
* a kind of generated page: a maker here, and its line in :func:`cpvol.guidance.stage.generated`.
"""

from __future__ import annotations
