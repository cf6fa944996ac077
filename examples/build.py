import re,textwrap,os,sys,glob
B='/tmp/w/stage3/g7'
ML={'clause':'# yaml-language-server: $schema=../../../reqgen/schemas/clause.schema.json'}
def wrapblock(lines,ind='  '):
    out=[];para=[]
    def flush():
        nonlocal para
        if para:
            first=para[0]
            m=re.match(r'(- )',first)
            txt=' '.join(para)
            if m: out.extend(textwrap.wrap(txt,108,subsequent_indent='  ',break_long_words=False,break_on_hyphens=False))
            else: out.extend(textwrap.wrap(txt,108,break_long_words=False,break_on_hyphens=False))
        para=[]
    for l in lines:
        l=l.rstrip()
        if not l: flush(); out.append(''); continue
        if l.startswith('|'): flush(); out.append(l); continue
        if l.startswith('- '): flush(); para=[l]; continue
        para.append(l.strip())
    flush()
    while out and not out[-1]: out.pop()
    return '\n'.join((ind+x) if x else '' for x in out)
def q(s):
    return '"'+s.replace('"','\\"')+'"' if re.search(r'[:#{}\[\]"]|^[-?&*!|>%@`]',s) else s
n=0
for f in sorted(glob.glob('src/*.txt')):
    dom=os.path.basename(f)[:-4]
    txt=open(f).read()
    for blk in re.split(r'^## ',txt,flags=re.M)[1:]:
        lines=blk.split('\n'); h=[x.strip() for x in lines[0].split('|')]
        cid,titre,niv,pal,exi,rep=h[:6]
        si=req=sc=rem=doms=None;T=[];M=[];P=[];V=[];L=[];S=[];cur=None;piece='cctp'
        for l in lines[1:]:
            m=re.match(r'(si|req|rem|dom|sc|T|M|P|V|L|S|piece): ?(.*)$',l)
            if m:
                k,v=m.groups();cur=None
                if k=='si':si=v
                elif k=='req':req=v
                elif k=='sc':sc=v
                elif k=='rem':rem=v
                elif k=='dom':doms=v
                elif k=='piece':piece=v
                elif k=='T':cur=T
                elif k=='M':cur=M
                else:{'P':P,'V':V,'L':L,'S':S}[k].append(v)
            elif cur is not None: cur.append(l.strip() if not l.startswith('- ') else l)
        o=[ML['clause'],f'id: {cid}',f'titre: {q(titre)}',f'theme: {dom}','nature: obligation',f'niveau: {niv}']
        if sc:o.append(f'sous_critere: {sc}')
        o+= [f'palier: {pal}',f'piece: {piece}',f'domaines: [{doms or dom}]']
        if si:o.append(f'si: {si}')
        if req:o.append(f'requiert: {req}')
        if rem:o.append(f'remplace: {rem}')
        while T and not T[0]:T.pop(0)
        o+=['texte: |',wrapblock(T)]
        if P:
            o.append('parametres:')
            for p in P:
                a=[x.strip() for x in p.split('|')]
                t=a[2].split(':')
                o+=[f'  {a[0]}:',f'    libelle: {q(a[1])}',f'    type: {t[0]}']
                if t[0]=='choix':
                    o.append('    choix:'); o+=[f'      - {q(c.strip())}' for c in a[4].split(';')]
                    o.append(f'    defaut: {q(a[3])}')
                elif t[0]=='texte':
                    o.append(f'    defaut: {q(a[3])}'); o.append(f'    longueur_max: {a[4]}')
                else:
                    if len(t)>1:o.append(f'    unite: {t[1]}')
                    o+=[f'    defaut: {a[3]}',f'    min: {a[4]}',f'    max: {a[5]}']
        o.append('verification:')
        for v in V:
            a=v.split('|',3)
            o+=[f'  - phase: {a[0].strip()}',f'    mode: {a[1].strip()}',f'    par: {a[2].strip()}','    methode: >-',wrapblock([a[3].strip()],'      ')]
        o+=[f'exigible: {exi}',f'reponse: {rep}']
        if L:
            o.append('livrables:')
            for l in L:
                a=[x.strip() for x in l.split('|')]
                o+=[f'  - nom: {q(a[0])}',f'    jalon: {a[1]}']
                if len(a)>2:o.append(f'    delai: {q(a[2])}')
        if S:
            o.append('sources:')
            for s in S:
                a=[x.strip() for x in s.split('|')]
                o.append(f'  - id: {a[0]}')
                if len(a)>1 and a[1]:o.append(f'    article: {q(a[1])}')
                if len(a)>2:o.append(f'    oblige_si: {a[2]}')
        else:o.append('sources: []')
        o+=['motif: |',wrapblock(M),'relecture:','  statut: projet']
        d=f'{B}/clauses/{dom}';os.makedirs(d,exist_ok=True)
        open(f'{d}/{cid}.yaml','w').write('\n'.join(o)+'\n');n+=1
        body=re.sub(r'\{\{.*?\}\}','x',' '.join(T)); w=len(body.split())
        if w>135 or w<30: print(cid,'mots',w)
print(n)
