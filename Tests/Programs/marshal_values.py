import marshal
def t(f,*a,**k):
    try: print(repr(f(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
c=compile("1","a","eval")
t(marshal.dumps,c,allow_code=False); t(marshal.loads,marshal.dumps(c),allow_code=False)
t(marshal.loads,b''); t(marshal.loads,b's\xff\xff\xff\xff'); t(marshal.loads,b's\x05\0\0\0a'); t(marshal.loads,b'r\0\0\0\0')
t(marshal.loads,b'(\xff\xff\xff\xff'); t(marshal.loads,b'[\xff\xff\xff\xff');t(marshal.loads,b'<\xff\xff\xff\xff');t(marshal.loads,b'u\xff\xff\xff\xff');t(marshal.loads,b'a\xff\xff\xff\xff')
t(marshal.loads,b'?');t(marshal.loads,b'0');t(marshal.loads,b'(\1\0\0\0' b'0');t(marshal.loads,b'['+b'\1\0\0\0' b'0');t(marshal.loads,b'<\1\0\0\0' b'0');t(marshal.loads,b'{N0')
t(marshal.loads,b'{N');t(marshal.loads,b'{0');t(marshal.loads,b'l\1\0\0\0\0\x80');t(marshal.loads,b'l\1\0\0\0\0\0');t(marshal.loads,b'l\0\0\0\x80\0\0'); t(marshal.loads,b'(\1\0\0\0'*3000)
t(marshal.loads,b'l\0\0\0\0')
t(marshal.loads,b'f\3abc');t(marshal.loads,b'x\1' b'1' b'\1' b'2');t(marshal.loads,b'f\0011');t(marshal.loads,b'I\0\0\0\0\1\0\0\0')
t(marshal.loads,b'\xa8\1\0\0\0r\0\0\0\0');t(marshal.loads,b'\xbe\1\0\0\0r\0\0\0\0')
t(marshal.loads,1);t(marshal.loads,'a');t(marshal.dumps,object());t(marshal.dumps,[object()])
l=[];l.append(l);t(marshal.dumps,l)
l=[]
for i in range(3000): l=[l]
t(marshal.dumps,l)
t(marshal.dumps,l,1,2);t(marshal.dumps);t(marshal.dumps,1,'a')
class BIO:
    def __init__(self,b): self.b=b
    def read(self,n=-1):
        r=self.b[:n]; self.b=self.b[n:]; return r
    def readinto(self,m):
        r=self.read(len(m)); m[:len(r)]=r; return len(r)
class R:
    def read(self,n): return 'a'
t(marshal.load,R())
class R:
    def read(self,n): return b''
t(marshal.load,R())
class R:
    def read(self,n): return b''
    def readinto(self,n): return 0
t(marshal.load,R())
class R:
    def read(self,n): return b''
    def readinto(self,n): return 100
t(marshal.load,R())
class R:
    def read(self,n): return b''
    def readinto(self,n): return 'x'
t(marshal.load,R())
t(marshal.load,BIO(b's\x05\0\0\0a'));t(marshal.load,BIO(b'i\x05\0'))
t(marshal.load,BIO(b'i\x05\0\0\0'))
t(marshal.dumps,frozenset([1]),2)
t(marshal.dumps,memoryview(b'abc')[::2])
t(marshal.dumps,memoryview(b'abc'))
