"""Fills an empty Tryton database with what the CRM contract needs; prints it as JSON. Test service only.

usage: provision.py CONFIG DATABASE
"""
import json
import secrets
import sys
from decimal import Decimal

from proteus import Model, Wizard, config

config.set_trytond(sys.argv[2], config_file=sys.argv[1])

Party = Model.get('party.party')
Company = Model.get('company.company')

euro = Model.get('currency.currency')(
    name='Euro', symbol='€', code='EUR', numeric_code='978', rounding=Decimal('0.01'), digits=2)
euro.save()
organisation = Party(name='Example Sales')
organisation.save()
wizard = Wizard('company.company.config')
wizard.execute('company')
wizard.form.party = organisation
wizard.form.currency = euro
wizard.execute('add')
company, = Company.find([])

employees = {}
for email in ('anna@example.com', 'ben@example.com'):
    party = Party(name=email.split('@')[0].title())
    party.contact_mechanisms.new(type='email', value=email)
    party.save()
    employee = Model.get('company.employee')(company=company, party=party)
    employee.save()
    employees[email] = employee.id


def key_for(login, groups):
    user = Model.get('res.user')(name=login, login=login, password=secrets.token_urlsafe(16))
    user.companies.append(Company(company.id))
    user.company = Company(company.id)
    for group in Model.get('res.group').find([('name', 'in', groups)]):
        user.groups.append(Model.get('res.group')(group.id))
    user.save()
    application = Model.get('res.user.application')(user=user, application='rest')
    application.save()
    return application.key


print(json.dumps({
    'company': company.id,
    'employees': employees,
    'key': key_for('router', ['Sales', 'Sales Administrator', 'Sale Opportunity', 'Party Administration']),
    'readOnlyKey': key_for('viewer', ['Sales']),
}))
